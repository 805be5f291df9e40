/// The product's version, as `switchboard version` and every report name it.
package enum Version {
    package static let current = "0.1.0"
}
