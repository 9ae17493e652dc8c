/**
 * A self-signed certificate for localhost and 127.0.0.1, and its key: for tests of TLS alone. Valid until 2126; made by
 * `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj "/CN=Lightflus test"
 * -addext "subjectAltName=DNS:localhost,IP:127.0.0.1"`.
 */
export const testCertificate = `-----BEGIN CERTIFICATE-----
MIIBpTCCAUugAwIBAgIUcVzCednb/fc5W5m++UvixOOtrHUwCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwOTGlnaHRmbHVzIHRlc3QwIBcNMjYxMTIzMTA0ODQxWhgPMjEy
NjEwMzAxMDQ4NDFaMBkxFzAVBgNVBAMMDkxpZ2h0Zmx1cyB0ZXN0MFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAE4a2CJd+q4F+7vzrvis1Pw9kNXvMb6PjzSfK8FzZN
V18HaCc+mjLz3isW+OCttETiYA2dv+YVM+86cvxcLnndkKNvMG0wHQYDVR0OBBYE
FBrpQHO78mGJLuRU7Y2nFioMIPX1MB8GA1UdIwQYMBaAFBrpQHO78mGJLuRU7Y2n
FioMIPX1MA8GA1UdEwEB/wQFMAMBAf8wGgYDVR0RBBMwEYIJbG9jYWxob3N0hwR/
AAABMAoGCCqGSM49BAMCA0gAMEUCICDPRZtP9/oBtD1RmQRva691WVIAS7OPFkyh
b5QRP6zlAiEAulARO4mqzrMgTN0Chop2+lovIx7KX20qif1RLIDLz4E=
-----END CERTIFICATE-----
`

export const testKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgC4UnrFJZCgb8jHDt
W3RI83h9gxrNhqo06WoloTgr7buhRANCAAThrYIl36rgX7u/Ou+KzU/D2Q1e8xvo
+PNJ8rwXNk1XXwdoJz6aMvPeKxb44K20ROJgDZ2/5hUz7zpy/Fwued2Q
-----END PRIVATE KEY-----
`
