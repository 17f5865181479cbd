internal import HTTP

/// The look of the help pages, as a file of its own: the pages' policy allows no style in them.
enum HelpStyle {
    static let path = "/assets/help/help.css"

    static let asset = Asset(path: path, type: .css, Array(text.utf8)).adding([
        .init("content-security-policy", PagePolicy().text), .init("referrer-policy", "no-referrer"),
    ])

    private static let text = """
        :root{color-scheme:light dark;--ink:#1c2430;--soft:#566072;--line:#dfe3ea;--page:#fff;--card:#f6f8fb;--link:#1257b8;--accent:#1257b8;--on:#fff}
        @media(prefers-color-scheme:dark){:root{--ink:#e6e9ef;--soft:#a3adbd;--line:#303846;--page:#14181f;--card:#1c222c;--link:#8ab8ff;--accent:#8ab8ff;--on:#10141a}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--page);color:var(--ink);font:1.0625rem/1.65 system-ui,-apple-system,"Segoe UI",sans-serif;overflow-wrap:break-word}
        a{color:var(--link)}a:focus-visible,button:focus-visible,input:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
        .skip{position:absolute;left:-100rem}.skip:focus{left:1rem;top:1rem;padding:.5rem 1rem;background:var(--page);z-index:1}
        .hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
        .top,.trail,main,footer{max-width:60rem;margin:0 auto;padding:0 1.25rem}
        .top{display:flex;flex-wrap:wrap;gap:1rem;align-items:center;justify-content:space-between;padding-top:1.25rem;padding-bottom:1.25rem}
        .brand{font-weight:700;font-size:1.25rem;color:inherit;text-decoration:none}
        .find{display:flex;gap:.5rem;flex:1 1 18rem;max-width:28rem}
        input{font:inherit;flex:1;min-width:0;padding:.5rem .75rem;color:inherit;background:var(--page);border:1px solid var(--soft);border-radius:.5rem}
        button{font:inherit;padding:.5rem 1rem;border:1px solid var(--accent);border-radius:.5rem;background:var(--accent);color:var(--on);cursor:pointer}
        button.quiet{background:transparent;color:var(--accent)}
        .trail ol{display:flex;flex-wrap:wrap;gap:.25rem .5rem;list-style:none;margin:0;padding:.75rem 0;border-top:1px solid var(--line);color:var(--soft);font-size:.9375rem}
        .trail li+li::before{content:"/";margin-right:.5rem}
        main{padding-bottom:3rem;min-height:60vh}
        h1{font-size:2rem;line-height:1.2;margin:1.25rem 0 .5rem}h2{line-height:1.3;margin:2rem 0 .5rem}h3,h4,h5,h6{line-height:1.3;margin:1.5rem 0 .5rem}
        .lead,.meta{color:var(--soft)}.meta{margin:0 0 1.5rem;font-size:.9375rem}
        .shelves{display:grid;grid-template-columns:repeat(auto-fill,minmax(17rem,1fr));gap:1.25rem;padding:0;margin:1.5rem 0;list-style:none}
        .shelves>li{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:1.25rem}
        .shelves h2{margin:0 0 .5rem;font-size:1.125rem}.shelves ul{margin:0;padding-left:1.1rem}.shelves p{margin:.75rem 0 0;font-size:.9375rem}
        .entries{padding:0;list-style:none}.entries li{padding:.75rem 0;border-bottom:1px solid var(--line)}
        mark{background:#ffe58a;color:#1c2430;border-radius:.2rem}
        .pages{display:flex;gap:1rem}
        .text{max-width:44rem}.text img{max-width:100%;height:auto;border-radius:.5rem}
        .text pre{overflow:auto;padding:1rem;background:var(--card);border:1px solid var(--line);border-radius:.5rem}
        .text code{font-size:.9em;background:var(--card);padding:.1em .3em;border-radius:.25rem}.text pre code{padding:0;background:none}
        .text blockquote{margin:1rem 0;padding:0 1rem;border-left:4px solid var(--line);color:var(--soft)}
        .text table{display:block;overflow-x:auto;border-collapse:collapse}.text th,.text td{border:1px solid var(--line);padding:.4rem .75rem}
        .tags{padding:0;margin:2rem 0 0;display:flex;flex-wrap:wrap;gap:.5rem;list-style:none;font-size:.875rem}
        .tags li{padding:.1rem .6rem;border:1px solid var(--line);border-radius:1rem;color:var(--soft)}
        .helped{margin:2.5rem 0 0;padding:1.25rem;background:var(--card);border:1px solid var(--line);border-radius:.75rem;max-width:44rem}
        .helped h2{margin:0 0 .75rem;font-size:1.0625rem}.helped form{display:flex;gap:.75rem}.helped p{margin:0}
        footer{border-top:1px solid var(--line);padding-top:1rem;padding-bottom:2rem;color:var(--soft);font-size:.9375rem}
        @media print{.find,.helped,footer,.skip{display:none}}

        """
}
