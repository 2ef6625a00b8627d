/** Admission: who was turned away is on the page, and another rule counts where answers are given. */
import { paths } from "#lib/client/paths";
import { unique } from "./api.ts";
import {
  expect,
  expectLive,
  expectNoHorizontalOverflow,
  expectNoSeriousAxe,
  heading,
  signIn,
  test,
} from "./fixtures.ts";

type Answer = { decision: string; reasons: { code: string }[] };
type Domains = { items: { parentId: string | null; name: string }[] };

const REASON = "New racks are brought in this week.";

test("a stranger is denied and on the record, until the rule admits strangers with a warning", async ({
  page,
  product,
}) => {
  const admin = await product.session("admin");
  await admin.prove();
  const stranger = unique("stranger");
  const asked = async () => (await admin.get(paths.api.admissionNode(stranger))).json<Answer>();
  const denied = await asked();
  expect([denied.decision, denied.reasons[0]?.code]).toEqual(["deny", "unknown_node"]);

  await signIn(page, product, "admin");
  await page.goto(paths.settings("admission"));
  await expectLive(page);
  await expect(heading(page)).toHaveText("Admission");
  const record = page.getByRole("list", { name: "Denials and warnings" });
  await expect(async () => {
    await page.reload();
    await expect(record.getByRole("listitem").filter({ hasText: stranger })).toContainText(
      "No node with this identity is known here",
      { timeout: 2_000 },
    );
  }).toPass({ timeout: 60_000 });
  await expectLive(page);
  await expectNoSeriousAxe(page);

  // The domains below follow the root's rule, and a stranger is under the strictest of all.
  const { items } = await product.read<Domains>(paths.api.trustDomains());
  const root = items.find(({ parentId }) => parentId === null)?.name;
  const change = async (label: string) => {
    await page.getByRole("button", { name: `Change the rule of ${root}`, exact: true }).click();
    const dialog = page.getByRole("dialog", { name: /^Change the admission rule of / });
    const work = dialog.getByRole("group", { name: "To get work" });
    await work.getByLabel("Unknown nodes").selectOption({ label });
    await dialog.getByLabel("Reason").fill(REASON);
    await expectNoSeriousAxe(page);
    await dialog.getByRole("button", { name: "Save the rule" }).click();
    await expect(dialog).toBeHidden();
  };
  await change("Admit with a warning");
  await expect(page.getByText(REASON).first()).toBeVisible();
  await expect(async () => expect((await asked()).decision).toBe("warn")).toPass({ timeout: 60_000 });
  await change("Deny");
  await expect(async () => expect((await asked()).decision).toBe("deny")).toPass({ timeout: 60_000 });

  await page.setViewportSize({ width: 390, height: 844 });
  await expectNoHorizontalOverflow(page);
});
