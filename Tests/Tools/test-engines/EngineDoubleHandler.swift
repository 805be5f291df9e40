internal import NIOCore
internal import NIOHTTP1
internal import Synchronization

/// One connection of an `EngineDouble`.
final class EngineDoubleHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let double: EngineDouble
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()

    init(_ double: EngineDouble) {
        self.double = double
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body.clear()
        case .body(var part): body.writeBuffer(&part)
        case .end:
            if let head { answer(head, Array(body.readableBytesView), context) }
        }
    }

    private func answer(_ head: HTTPRequestHead, _ body: [UInt8], _ context: ChannelHandlerContext) {
        let (settings, behaviour) = double.state.withLock { state in
            state.seen.append(.init(path: head.uri, body: String(decoding: body, as: UTF8.self)))
            let behaviour = state.next.isEmpty ? state.behaviour : state.next.removeFirst()
            return (state.settings, behaviour)
        }
        if let key = settings.key, head.headers.first(name: "Authorization") != "Bearer \(key)" {
            return send(401, "no", context)
        }
        if let word = settings.refusedWord, String(decoding: body, as: UTF8.self).contains(word) {
            return send(400, #"{"error": {"message": "the input has a word that is not taken"}}"#, context)
        }
        switch behaviour {
        case .isSilent: return
        case .hangsUp: context.close(promise: nil)
        case .refuses(let status, let retryAfter): send(status, "no", context, retryAfter: retryAfter)
        case .refusesAndHangs(let status):
            let head = HTTPResponseHead(
                version: .http1_1,
                status: HTTPResponseStatus(statusCode: status),
                headers: ["Content-Length": "100"]
            )
            context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        case .says(let words): send(200, words, context)
        case .answers, .isShifted, .leavesOneOut:
            let answer = ToyModels(settings, behaviour).answer(head.uri, body)
            send(answer.status, answer.body, context)
        }
    }

    private func send(_ status: Int, _ body: String, _ context: ChannelHandlerContext, retryAfter: String? = nil) {
        var headers = HTTPHeaders([("Content-Type", "application/json"), ("Content-Length", String(body.utf8.count))])
        if let retryAfter { headers.add(name: "Retry-After", value: retryAfter) }
        let head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
