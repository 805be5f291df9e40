internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// Answers the three questions that are asked of a node over HTTP.
///
/// GET and HEAD alone. A body has no meaning here: a small one is read over, a large one ends the connection.
struct MonitoringResponder: HTTPResponder {
    /// What a request brings: the connection, to be closed on a client that sends too much.
    struct Context: InitializableFromSource {
        let channel: any Channel

        init(source: ApplicationRequestContextSource) {
            channel = source.channel
        }
    }

    static let maximumBodyBytes = 16 << 10

    let registry: PrometheusRegistry
    let health: Inquiry<HealthReport>
    let readiness: Inquiry<HealthReport>

    @concurrent
    func respond(to request: Request, context: Context) async throws -> Response {
        var bodyBytes = 0
        for try await part in request.body {
            bodyBytes += part.readableBytes
            guard bodyBytes <= Self.maximumBodyBytes else { return Self.tooLarge(closing: context.channel) }
        }
        guard request.method == .get || request.method == .head else {
            return Self.response(
                .methodNotAllowed,
                "only GET and HEAD are answered here\n",
                headers: [.allow: "GET, HEAD"]
            )
        }
        let response: Response
        switch request.uri.path {
        case "/metrics":
            response = Self.response(.ok, await registry.text(), type: TextFormat.contentType)
        case "/healthz":
            response = try Self.response(
                await health.answer(),
                unanswered: "the node's loops did not answer within the time for it"
            )
        case "/readyz":
            response = try Self.response(
                await readiness.answer(),
                unanswered: "the node did not say in time whether it is ready"
            )
        default:
            response = Self.response(.notFound, "there are /metrics, /healthz and /readyz\n")
        }
        return request.method == .head ? response.createHeadResponse() : response
    }

    private static func response(_ report: HealthReport?, unanswered: String) throws -> Response {
        let report = report ?? HealthReport(reasons: [unanswered])
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let json = String(decoding: try encoder.encode(report), as: UTF8.self)
        return response(report.isGood ? .ok : .serviceUnavailable, json + "\n", type: "application/json")
    }

    private static func response(
        _ status: HTTPResponse.Status,
        _ text: String,
        type: String = "text/plain; charset=utf-8",
        headers: HTTPFields = [:],
    ) -> Response {
        var headers = headers
        headers[.contentType] = type
        headers[.cacheControl] = "no-store"
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    /// Says so and closes: the rest of the body would be read to its end otherwise, however long it is.
    private static func tooLarge(closing channel: any Channel) -> Response {
        let body = ResponseBody(contentLength: 0) { writer in
            try await writer.finish(nil)
            channel.close(promise: nil)
        }
        return Response(status: .contentTooLarge, headers: [.connection: "close"], body: body)
    }
}
