internal import Core
package import Messaging

/// The key pair that a client shows to nodes that ask for one.
///
/// The secret half stays in the file and in this value, which prints its public half alone.
public struct ClientKey: Sendable, CustomStringConvertible {
    package let pair: KeyPair

    /// Reads a file that `switchboard keys generate` made.
    ///
    /// - Throws: `FAILED_PRECONDITION` where the file is not there, is none of this kind, or can be read by others.
    public init(file path: String) throws(ClientError) {
        do {
            pair = try KeyFile.read(path)
        } catch {
            throw ClientError(error)
        }
    }

    package init(_ pair: KeyPair) {
        self.pair = pair
    }

    /// The half that may be told, 40 characters; an admin adds it.
    public var publicKey: String { pair.publicKey.description }

    /// Names the public half.
    public var description: String { "key \(publicKey)" }
}
