// Starts Swagger UI on /docs. In a file of its own, because the page's content security policy runs no inline script.
SwaggerUIBundle({
    url: "/openapi.json",
    dom_id: "#docs",
    deepLinking: true,
    // The "valid" badge would send this server's address to a validator on another machine.
    validatorUrl: null,
    // ?url= and ?configUrl= would let a link make this page show, and send credentials to, somebody else's API.
    queryConfigEnabled: false,
    persistAuthorization: false,
    // Remote references, if a document ever had some, are not followed with cookies.
    withCredentials: false,
});
