internal import Core
internal import UpdateStore
internal import Wire

/// How patient a change of encoders is.
package struct ReencodingTimes: Sendable {
    /// For a live replica to say for the first time which encoders it has, and that it knows of the next one.
    package var announcement = Duration.seconds(5)
    /// For a retriever to load the file and encode, at the end of its line.
    package var encoding = Duration.seconds(30)
    /// How long retrievers may be too busy, or away, before the work stops.
    package var busy = Duration.seconds(300)
    /// For replicas to load the encoder, before the work and before the switch, and to apply it.
    package var loading = Duration.seconds(30)
    /// For replicas to build the graphs of the new vectors before the switch; what lacks then is searched exactly.
    package var graphs = Duration.seconds(600)
    /// How long appends may go on once they are held back; and, after that, how long what they brought may take.
    package var hold = Duration.seconds(5)
    /// For the caller to take word of how far it is.
    package var patience = Duration.seconds(30)

    package init() {}
}

/// How far a change of encoders is.
struct Reencoding: Sendable {
    static let source = "index reencode"

    let shape: EncoderShape
    /// Exemplars that have their vector.
    var done: Int
    /// Of what became live at it or before nothing lacks its vector.
    var place = LogSequence.start

    init(shape: EncoderShape, done: Int) {
        self.shape = shape
        self.done = done
    }

    /// The same again for one encoder, so that all of the work is one change in the log, however often it was
    /// interrupted.
    var change: [UInt8] { OwnChange.reencode.change(shape.encoder.short) }

    func request(for page: [UnencodedExemplar], _ priority: Priority) -> EncodeRequest {
        EncodeRequest(texts: page.map(\.text), priority: priority, encoder: shape.encoder)
    }

    /// - Parameters:
    ///   - total: exemplars that live now; some that got their vector may have been removed since.
    ///   - graphs: that the slowest replica has still to build.
    func progress(of total: Int, graphs: Int = 0) -> ReencodeResponse {
        ReencodeResponse(done: min(done, total), total: total, encoder: shape.encoder, graphsDue: graphs)
    }
}
