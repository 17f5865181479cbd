// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A program that fuzzes one parser.
func fuzzer(_ name: String, of products: String...) -> Target {
    .executableTarget(
        name: name, dependencies: ["Harness"] + products.map { .product(name: $0, package: "martlet") }, swiftSettings: settings)
}

let package = Package(
    name: "fuzz",
    dependencies: [.package(name: "martlet", path: "..")],
    targets: [
        .target(name: "CFuzzer"),
        .target(name: "Harness", dependencies: ["CFuzzer"], swiftSettings: settings),
        fuzzer("deflate", of: "Codec", "HTTP"),
        fuzzer("form", of: "Codec"),
        fuzzer("http", of: "Codec"),
        fuzzer("json", of: "Codec"),
        fuzzer("markdown", of: "Helpdesk"),
        fuzzer("multipart", of: "Codec"),
        fuzzer("search", of: "Codec"),
        fuzzer("shape", of: "Codec"),
        fuzzer("socketio", of: "Codec"),
        fuzzer("tokens", of: "Codec"),
        fuzzer("websocket", of: "Codec"),
    ]
)
