package import Core
internal import Messaging

/// A key pair in a file, without a word of it in any log.
package enum NewKeyPair {
    /// - Returns: the public half.
    /// - Throws: `.alreadyExists` where the file is there, `.failedPrecondition` where it cannot be written.
    package static func make(in file: String) throws(SwitchboardError) -> PublicKey {
        let pair = KeyPair.make()
        try KeyFile.write(pair, to: file)
        return pair.publicKey
    }

    /// The public half of a file's pair.
    package static func publicKey(in file: String) throws(SwitchboardError) -> PublicKey {
        try KeyFile.read(file).publicKey
    }
}
