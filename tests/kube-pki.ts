/** Certificates and requests for tests; their private keys are gone. */

/** A request of `system:node:worker-7`, as PEM. */
export const WORKER_REQUEST = `-----BEGIN CERTIFICATE REQUEST-----
MIHxMIGYAgEAMDYxFTATBgNVBAoMDHN5c3RlbTpub2RlczEdMBsGA1UEAwwUc3lz
dGVtOm5vZGU6d29ya2VyLTcwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASYYcY5
0XvEg20gYlp6skXuddvG3eI3jA6i9Za5Y6cO0d0Y7C2WML389BYJtd0EEPJob+Cl
vAMSZZgf6W4MjeACoAAwCgYIKoZIzj0EAwIDSAAwRQIgaE5xsbvRkLj6u/Pln5df
qkOR5wo4bv1/eYqnV9jZjbUCIQDx4mFDfOeQ1DviYgIBmBsqAKG8nYnDZVNpQTNZ
xUr25g==
-----END CERTIFICATE REQUEST-----
`;

/** A certificate of `system:node:worker-7` that expired on 2026-11-20, as PEM. */
export const WORKER_CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBUjCB+gIBATAKBggqhkjOPQQDAjA2MRUwEwYDVQQKDAxzeXN0ZW06bm9kZXMx
HTAbBgNVBAMMFHN5c3RlbTpub2RlOndvcmtlci03MB4XDTI2MTEwMTAwMDAwMFoX
DTI2MTEyMDAwMDAwMFowNjEVMBMGA1UECgwMc3lzdGVtOm5vZGVzMR0wGwYDVQQD
DBRzeXN0ZW06bm9kZTp3b3JrZXItNzBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IA
BP/kwMroOppsE8XZ88q9Ry5tvTrcZvGp/8wyfQT9kbeezpv4PKQgDzEssajWN8Zl
BDAAGipAT0dtNQgvDbsEb8QwCgYIKoZIzj0EAwIDRwAwRAIgdz0A+3h01vgHIAVJ
s41rHHD3f/0BDrzKLFy7OprQ66QCIAnFiPy1um7MFJsF9k4mYPn1oX+H+J3plPpi
doKDWDQN
-----END CERTIFICATE-----
`;

/** PEM as a Kubernetes object holds it. */
export function inBase64(pem: string): string {
  return Buffer.from(pem).toString("base64");
}
