/// The services that workers offer to a gateway.
package enum RoutingServices {
    package static let retriever = "switchboard.v1.Retriever"
    package static let scorer = "switchboard.v1.Scorer"
    package static let discovery = "switchboard.v1.Discovery"
    package static let all = [retriever, scorer, discovery]
}
