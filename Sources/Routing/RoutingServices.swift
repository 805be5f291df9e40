/// The services that workers offer to a gateway.
package enum RoutingServices {
    package static let retriever = "switchboard.v1.Retriever"
    package static let scorer = "switchboard.v1.Scorer"
    package static let all = [retriever, scorer]
}
