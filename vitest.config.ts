import { configDefaults, defineConfig } from "vitest/config";

const outside = [...configDefaults.exclude, "e2e/**", "**/.next/**"];
const dbTests = "**/*.db.test.ts";
const launcherTests = ["tests/launcher/**/*.test.ts", "db/embedded*.test.ts"];

export default defineConfig({
  // Without this condition `server-only` throws: it takes the test for a client component.
  ssr: { resolve: { conditions: ["react-server"], externalConditions: ["react-server"] } },
  test: {
    allowOnly: false,
    passWithNoTests: false,
    env: { TZ: "UTC", NODE_ENV: "test" },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          setupFiles: ["tests/property-seed.ts"],
          include: ["**/*.test.{ts,tsx}"],
          exclude: [...outside, dbTests, ...launcherTests],
          // Some load every route; a busy machine takes its time for that.
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: "db",
          setupFiles: ["tests/property-seed.ts"],
          include: [dbTests],
          exclude: outside,
          globalSetup: ["tests/pg-global.ts"],
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: "launcher",
          include: launcherTests,
          exclude: outside,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // They mostly wait for processes, so two files share a small machine well.
          maxWorkers: 2,
        },
      },
    ],
  },
});
