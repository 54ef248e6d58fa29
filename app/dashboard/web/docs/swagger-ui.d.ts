/** The part of Swagger UI that is used here; the package has no types. */
declare module 'swagger-ui-dist/swagger-ui-es-bundle.js' {
  // biome-ignore lint/style/noDefaultExport: it is what the package exports.
  export default function SwaggerUIBundle(options: {
    readonly url: string;
    readonly dom_id: string;
    readonly deepLinking: boolean;
    readonly supportedSubmitMethods: readonly string[];
    readonly docExpansion: 'list' | 'full' | 'none';
    readonly defaultModelsExpandDepth: number;
  }): unknown;
}
