// Starts ReDoc on /redoc. In a file of its own, because the page's content security policy runs no inline script.
// ReDoc makes its style elements empty and fills them through the CSSOM; one more has a constant text. So the page's
// policy can name the digests of just these two ('sha256-47DEQ…', 'sha256-DLDPR…') instead of 'unsafe-inline', and its
// search needs `worker-src blob:`.
Redoc.init("/openapi.json", {
    // ReDoc's own theme asks for no web font, it only names some; these are fonts that are there.
    theme: {
        typography: {
            fontFamily: "system-ui, sans-serif",
            headings: { fontFamily: "system-ui, sans-serif" },
            code: { fontFamily: "ui-monospace, monospace" },
        },
    },
    sanitize: true,
    hideDownloadButton: false,
}, document.getElementById("docs"));
