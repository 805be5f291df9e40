internal import Crypto

/// HMAC-SHA256 (RFC 2104): whoever lacks the key cannot tell from it what was hashed, not by trying either.
///
/// - Returns: 32 bytes.
package func keyedHash(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
    Array(HMAC<SHA256>.authenticationCode(for: bytes, using: SymmetricKey(data: key)))
}
