/** @type {import("next").NextConfig} */
export default {
  reactCompiler: false,
  poweredByHeader: false,
  reactStrictMode: true,
  images: { unoptimized: true },
  // Stated, so that a lockfile in a folder above the clone is not taken for the project's.
  turbopack: { root: import.meta.dirname },
};
