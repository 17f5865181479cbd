// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target is built alike: language mode 6, and `async` functions stay on their caller's executor, so that
/// a request never leaves its loop unless somebody wrote that it should.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "martlet",
    products: [
        .executable(name: "martlet", targets: ["martlet"]),
        .library(name: "Codec", targets: ["Codec"]),
        .library(name: "HTTP", targets: ["HTTP"]),
        .library(name: "Helpdesk", targets: ["Helpdesk"]),
    ],
    targets: [
        // What ties the parts together. No rules here.
        .executableTarget(
            name: "martlet",
            dependencies: [
                "API", "Files", "Helpdesk", "Domain", "HTTP", "SQLite", "Postgres", "Storage", "Loop", "Codec", "Clients", "Redis", "Web",
                "CLinux", "CProcess",
            ], swiftSettings: settings),

        // The faces.
        .target(name: "API", dependencies: ["Helpdesk", "Domain", "HTTP", "Codec"], swiftSettings: settings),

        // Where files lie.
        .target(name: "Files", dependencies: ["Helpdesk", "Domain", "Clients", "Loop", "Codec"], swiftSettings: settings),

        // What a face stands on: the use cases and their queries.
        .target(name: "Helpdesk", dependencies: ["Domain", "Storage", "Codec", "CMark"], swiftSettings: settings),
        .target(
            name: "HTTP", dependencies: ["Loop", "Codec", "CCrypto", "CZlib", "CLinux"], swiftSettings: settings),

        // The ground: no target here knows another.
        .target(name: "Domain", swiftSettings: settings),
        .target(name: "Codec", dependencies: ["CCrypto", "CSodium", "CCrypt", "CUnicode"], swiftSettings: settings),
        .target(name: "Loop", dependencies: ["CLinux"], swiftSettings: settings),
        .target(name: "Storage", swiftSettings: settings),
        .target(name: "Web"),

        // The drivers.
        .target(name: "SQLite", dependencies: ["Storage", "Loop", "CSQLite"], swiftSettings: settings),
        .target(name: "Postgres", dependencies: ["Storage", "Loop", "CPostgres"], swiftSettings: settings),

        // Other machines, as we call them.
        .target(name: "Clients", dependencies: ["Loop", "Codec", "CCurl"], swiftSettings: settings),

        // What several nodes of one desk share beside the database.
        .target(name: "Redis", dependencies: ["Loop", "CRedis"], swiftSettings: settings),

        // `make` says in MARTLET_COMMIT which commit this is, and C carries it, since Swift has no `-D name=value`.
        .target(
            name: "CProcess", cSettings: [.define("MARTLET_COMMIT", to: "\"\(Context.environment["MARTLET_COMMIT"] ?? "unknown commit")\"")]
        ),

        // Debian's C libraries, as Swift modules.
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CCrypto", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "CCrypt", pkgConfig: "libcrypt", providers: [.apt(["libcrypt-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        // Without its pkg-config file, which brings a flag that SwiftPM refuses on every build; Debian has it where compilers look.
        .systemLibrary(name: "CRedis", providers: [.apt(["libhiredis-dev"])]),

        // The same for its extensions, which have none.
        .systemLibrary(name: "CMark", providers: [.apt(["libcmark-gfm-dev", "libcmark-gfm-extensions-dev"])]),

        .systemLibrary(name: "CUnicode", providers: [.apt(["libidn2-dev", "libunistring-dev"])]),

        // For outside conformance suites; not shipped.
        .executableTarget(
            name: "websocket-echo", dependencies: ["HTTP", "Loop", "Codec"], path: "Tests/websocket-echo", swiftSettings: settings),

        .executableTarget(
            name: "engineio-conformance", dependencies: ["HTTP", "Loop", "Codec"], path: "Tests/Conformance/engineio-conformance",
            swiftSettings: settings),
        .executableTarget(
            name: "socketio-conformance", dependencies: ["HTTP", "Loop", "Codec"], path: "Tests/Conformance/socketio-conformance",
            swiftSettings: settings),

        // Databases for the tests of whatever stores something.
        .target(
            name: "TestEngines", dependencies: ["Storage", "SQLite", "Postgres", "Loop"], path: "Tests/TestEngines",
            swiftSettings: settings),

        .testTarget(name: "DomainTests", dependencies: ["Domain"], swiftSettings: settings),
        .testTarget(name: "CodecTests", dependencies: ["Codec"], swiftSettings: settings),
        .testTarget(name: "LoopTests", dependencies: ["Loop", "CLinux"], swiftSettings: settings),
        .testTarget(name: "HTTPTests", dependencies: ["HTTP", "Loop", "Codec", "CCrypto"], swiftSettings: settings),
        .testTarget(
            name: "StorageTests", dependencies: ["TestEngines", "Storage", "SQLite", "Postgres", "Loop", "CSQLite"],
            swiftSettings: settings),
        .testTarget(
            name: "HelpdeskTests", dependencies: ["TestEngines", "Files", "Helpdesk", "Domain", "Storage", "Codec", "Loop"],
            swiftSettings: settings),
        .testTarget(name: "PostgresTests", dependencies: ["Postgres", "Storage", "Loop", "CPostgres"], swiftSettings: settings),
        .testTarget(name: "RedisTests", dependencies: ["Redis", "Loop"], swiftSettings: settings),
        .testTarget(name: "ClientsTests", dependencies: ["Clients", "HTTP", "Loop", "Codec"], swiftSettings: settings),
        .testTarget(name: "MartletTests", dependencies: ["martlet", "API", "Domain", "HTTP", "Loop", "Codec"], swiftSettings: settings),
    ],
    cLanguageStandard: .c2x
)
