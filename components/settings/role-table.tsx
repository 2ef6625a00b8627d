import { PERMISSIONS, type Permission, ROLES, type Role } from "#lib/domain/access";
import { Table, TableBody, TableCell, TableFrame, TableHead, TableHeader, TableRow } from "../ui/table.tsx";

/** Verbs that people hold; what only keys hold is not theirs. */
const VERBS = (Object.keys(PERMISSIONS) as Permission[]).filter((verb) => PERMISSIONS[verb].length > 0);

const holds = (role: Role, verb: Permission) => (PERMISSIONS[verb] as readonly Role[]).includes(role);

/** What each role may do: the very table that the server decides by. */
export function RoleTable() {
  return (
    <section className="mt-6">
      <h2 className="label mb-2 text-fg">What each role may do</h2>
      <TableFrame tabIndex={0}>
        <Table aria-label="What each role may do">
          <TableHead>
            <tr>
              <TableHeader>Verb</TableHeader>
              {ROLES.map((role) => (
                <TableHeader key={role}>{role}</TableHeader>
              ))}
            </tr>
          </TableHead>
          <TableBody>
            {VERBS.map((verb) => (
              <TableRow key={verb}>
                <TableCell className="font-mono text-small">{verb}</TableCell>
                {ROLES.map((role) => (
                  <TableCell key={role} className="text-small">
                    {holds(role, verb) ? "yes" : <span className="text-muted">no</span>}
                  </TableCell>
                ))}
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </TableFrame>
    </section>
  );
}
