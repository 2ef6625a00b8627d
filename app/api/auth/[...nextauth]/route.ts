/** Everything under /api/auth/ belongs to the sign-in library. */
export { authHandler as GET, authHandler as POST } from "#lib/server/auth";
