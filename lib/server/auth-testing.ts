/** Session cookies for tests, made the way the sign-in library makes them. */
import { encode } from "next-auth/jwt";

/** Value of the session cookie that carries this session id. */
export function sessionCookieValue(sid: string, secret: string): Promise<string> {
  return encode({ token: { sid }, secret });
}
