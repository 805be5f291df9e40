package import Calls
internal import Core
package import Wire

extension SwitchboardClient {
    /// Begins, or goes on with, the change of the index to another encoder. To be read to its end or cancelled: what is
    /// done by then stays done.
    ///
    /// - Parameter path: of the encoder's file on the machine of the index updater, from the root on.
    package func reencoded(
        withFile path: String
    ) async throws(ClientError) -> ClientStream<ReencodeRequest, ReencodeResponse> {
        try await ClientError.around { () throws(SwitchboardError) in
            try await updater.open(Methods.reencode, ReencodeRequest(.file(path)))
        }
    }
}
