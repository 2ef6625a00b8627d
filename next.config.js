/** @type {import("next").NextConfig} */
export default {
  reactCompiler: false,
  poweredByHeader: false,
  reactStrictMode: true,
  images: { unoptimized: true },
  // `forbidden()`: a page that the role does not allow answers 403.
  experimental: { authInterrupts: true },
  // Stated, so that a lockfile in a folder above the clone is not taken for the project's.
  turbopack: { root: import.meta.dirname },
};
