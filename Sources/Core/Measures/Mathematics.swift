internal import Foundation

// The standard library has no exponential; Foundation's are named here so that the measures import nothing.

func exponential(_ exponent: Double) -> Double { exp(exponent) }
func logarithm(_ number: Double) -> Double { log(number) }
/// log n!
func logFactorial(_ number: Int) -> Double { lgamma(Double(number) + 1) }
/// 2 / sqrt(pi) x the integral of exp(-t^2) from `bound` on.
func complementaryError(_ bound: Double) -> Double { erfc(bound) }
