/** @type {import("next").NextConfig} */
export default {
  reactCompiler: false,
  poweredByHeader: false,
  reactStrictMode: true,
  images: { unoptimized: true },
};
