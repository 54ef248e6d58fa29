/** The part of Swagger UI that is used here; the package has no types. */
declare module 'swagger-ui-dist/swagger-ui-es-bundle.js' {
  type Component = (props: { readonly children?: unknown }) => unknown;

  export type Plugin = (system: {
    readonly React: {
      createElement(
        type: string | Component,
        props?: { readonly className: string } | null,
        ...children: readonly unknown[]
      ): unknown;
    };
    readonly getComponent: (name: string, isContainer: boolean) => Component;
  }) => { readonly components: Readonly<Record<string, Component>> };

  // biome-ignore lint/style/noDefaultExport: it is what the package exports.
  export default function SwaggerUIBundle(options: {
    readonly spec: unknown;
    readonly domNode: Element;
    readonly deepLinking: boolean;
    readonly supportedSubmitMethods: readonly string[];
    readonly docExpansion: 'list' | 'full' | 'none';
    readonly syntaxHighlight: boolean;
    readonly layout: string;
    readonly plugins: readonly Plugin[];
  }): unknown;
}
