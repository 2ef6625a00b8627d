/** Limits of remediation and automatic containment: seen, tried, set with a reason, and in force. */
import { paths } from "#lib/client/paths";
import {
  expect,
  expectLive,
  expectNoHorizontalOverflow,
  expectNoSeriousAxe,
  heading,
  signIn,
  test,
} from "./fixtures.ts";
import { picture } from "./picture.ts";

type RemediationLimitsView = {
  domains: {
    trustDomainId: string;
    name: string;
    version: number;
    origin: string;
    reason: string | null;
    limits: Record<string, unknown> & { poolPercent: number };
  }[];
};
type AutomaticReport = { setting: { mode: string; changedBy: string | null; reason: string | null } };

const REASON = "The racks are rebuilt one by one this week.";
const PHONE = { width: 390, height: 844 };

test("limits say what pools allow now, are tried before they are set, and hold with their reason", async ({
  page,
  product,
}) => {
  const read = async () =>
    (await product.read<RemediationLimitsView>(paths.api.remediationLimits())).domains[0];
  const before = await read();
  if (!before) throw new Error("no domain");
  await signIn(page, product, "admin");
  await page.goto(paths.settings("limits"));
  await expectLive(page);
  await expect(heading(page)).toHaveText("Limits of remediation");
  await expectNoSeriousAxe(page);
  await picture(page, "limits");
  const change = async (percent: number) => {
    await page.getByRole("button", { name: `Change the limits of ${before.name}`, exact: true }).click();
    const dialog = page.getByRole("dialog", { name: /^Change the limits of / });
    const field = dialog.getByLabel("Of a pool away (%)");
    await field.fill("50");
    await expect(dialog.getByText("A number is missing or out of its bounds.")).toBeVisible();
    await expect(dialog.getByRole("button", { name: "Save the limits" })).toBeDisabled();
    await field.fill(String(percent));
    await expect(dialog.getByRole("region", { name: "What they would allow" })).not.toContainText("Counting");
    await dialog.getByLabel("Reason").fill(REASON);
    await expectNoSeriousAxe(page);
    await picture(page, "limits-dialog");
    await dialog.getByRole("button", { name: "Save the limits" }).click();
    await expect(dialog).toBeHidden();
  };
  await change(before.limits.poolPercent === 12 ? 13 : 12);
  await expect(page.getByText(REASON).first()).toBeVisible();
  const after = await read();
  expect(after).toMatchObject({ origin: "own", version: before.version + 1, reason: REASON });
  await page.setViewportSize(PHONE);
  await expectNoHorizontalOverflow(page);
  await picture(page, "limits-phone");
  await change(before.limits.poolPercent);
  expect((await read())?.limits).toEqual(before.limits);
});

test("automatic containment is turned on to shadow with a reason, says who did it, and is turned off again", async ({
  page,
  product,
}) => {
  const read = () => product.read<AutomaticReport>(paths.api.remediationAutomatic());
  await signIn(page, product, "admin");
  await page.goto(paths.settings("automatic"));
  await expectLive(page);
  await expect(heading(page)).toHaveText("Automatic containment");
  await expect(page.getByRole("list", { name: "What would hold it back now" })).toContainText(
    "may still be taken within ten minutes",
  );
  await expectNoSeriousAxe(page);
  await picture(page, "automatic");
  const change = async (mode: RegExp, verb: string) => {
    await page.getByRole("button", { name: "Change automatic containment" }).click();
    const dialog = page.getByRole("dialog", { name: /^Change automatic containment/ });
    await dialog.getByRole("radio", { name: mode }).check();
    await dialog.getByLabel("Reason").fill(REASON);
    await expectNoSeriousAxe(page);
    await picture(page, "automatic-dialog");
    await dialog.getByRole("button", { name: verb }).click();
    await expect(dialog).toBeHidden();
  };
  await page.setViewportSize(PHONE);
  await change(/^Shadow\./, "Save");
  await expect(page.getByText(REASON).first()).toBeVisible();
  await expectNoHorizontalOverflow(page);
  await picture(page, "automatic-phone");
  const { setting } = await read();
  expect(setting).toMatchObject({ mode: "shadow", reason: REASON });
  expect(setting.changedBy).toContain("@");
  await change(/^Off\./, "Save");
  expect((await read()).setting.mode).toBe("off");
});

test("who may not set them sees why, and the API refuses", async ({ page, product }) => {
  await signIn(page, product, "analyst");
  await page.goto(paths.settings("limits"));
  await expectLive(page);
  await expect(page.getByRole("button", { name: /^Change the limits of / }).first()).toHaveAttribute(
    "aria-disabled",
    "true",
  );
  const analyst = await product.session("analyst");
  const { domains } = await product.read<RemediationLimitsView>(paths.api.remediationLimits());
  const { trustDomainId, version, limits } = domains[0] ?? {};
  const answer = await analyst.send(
    paths.api.remediationLimits(),
    { trustDomainId, version, limits, reason: REASON },
    {},
    "PUT",
  );
  expect(answer.status).toBe(403);
});
