import { text } from "node:stream/consumers";
import { type Command, Option } from "commander";
import { ROLES, type Role } from "#lib/domain/access";
import { CommandError, plain, print } from "./output.ts";
import { withSession } from "./session.ts";

type AddOptions = { email: string; role: Role; passwordStdin: boolean; domain?: string; json?: boolean };

/** `touchstone user add`: create a local account. */
export function addUser(program: Command): void {
  program
    .command("user")
    .description("local accounts")
    .command("add")
    .description("create an account; its password is read from standard input, never from the command line")
    .requiredOption("--email <email>", "address to sign in with")
    .addOption(new Option("--role <role>", "what it may do").choices(ROLES).makeOptionMandatory())
    .requiredOption("--password-stdin", "read the password from standard input")
    .option("--domain <id>", "trust domain of the role; the root when absent")
    .option("--json", "print one JSON document")
    .action(async ({ email, role, domain, json }: AddOptions) => {
      const password = (await text(process.stdin)).replace(/\r?\n$/, "");
      if (password === "") throw new CommandError("standard input holds no password");
      const { createUser } = await import("#lib/services/user/create");
      const user = await withSession(({ ctx }) => createUser(ctx, { email, role, password }), domain);
      print(json, user, [`Created ${plain(email)} (${role}).`]);
    });
}
