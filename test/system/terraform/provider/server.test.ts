import { expect, it } from '@jest/globals';
import { z } from 'zod';
import { motoUrl } from '../../aws/moto.ts';
import { describeApplied } from './describe-applied.ts';
import { blocksBelow, typeIn } from './typed-commands.ts';

const [commands = ''] = blocksBelow('terraform/examples/server/README.md', '# server');
const domainInDocument = '{name="berth.example.com", certificate_arn="arn:aws:acm:…", zone_id="Z…"}';
let typed = '';

/** Requests a certificate, without which a listener is refused. One call of ACM is not worth its client. */
async function requestCertificate() {
  const response = await fetch(motoUrl, {
    method: 'POST',
    headers: {
      authorization:
        'AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/acm/aws4_request, SignedHeaders=host, Signature=0',
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'CertificateManager.RequestCertificate',
    },
    body: JSON.stringify({ DomainName: 'berth.example.com' }),
  });
  const { CertificateArn } = z.object({ CertificateArn: z.string() }).parse(await response.json());
  return { domain: `{name="berth.example.com", certificate_arn="${CertificateArn}"}` };
}

describeApplied(
  {
    example: 'server',
    project: 'berth-server',
    before: requestCertificate,
    github: false,
    type: async (folder, shell, { domain = '' }) => {
      expect(commands).toContain(domainInDocument);
      typed = await typeIn(folder, commands.replace(domainInDocument, domain), shell);
    },
  },
  ({ ofType }) => {
    it('pushes the images of the runner and the server with the commands of its document', () => {
      for (const name of ['runner', 'server'])
        expect(typed).toMatch(new RegExp(`berth-server-${name}@sha256:[0-9a-f]{64}`));
    });

    it('runs one server at a time, because its timers are in the process', () => {
      expect(ofType('aws_ecs_service')).toEqual([
        expect.objectContaining({
          desired_count: 1,
          deployment_minimum_healthy_percent: 0,
          deployment_maximum_percent: 100,
        }),
      ]);
    });

    it('gives the server the cluster, the table and the bucket of the installation', () => {
      const [definition] = ofType('aws_ecs_task_definition').filter(
        ({ family }) => family === 'berth-server-server',
      );
      const [container] = JSON.parse(String(definition?.container_definitions));
      const environment = Object.fromEntries(
        container.environment.map(({ name, value }: { name: string; value: string }) => [name, value]),
      );
      expect(environment).toMatchObject({
        BERTH_PUBLIC_URL: 'https://berth.example.com',
        BERTH_TABLE: 'berth-server',
        BERTH_BUCKET: 'berth-server-123456789012-us-east-1',
        ECS_CLUSTER_NAME: 'arn:aws:ecs:us-east-1:123456789012:cluster/berth-server',
        ECS_TASK_DEFINITION_ARN: 'berth-server',
        CONTAINER_NAME: 'runner',
      });
    });

    it('accepts requests only with TLS, and only through the load balancer', () => {
      expect(ofType('aws_lb_listener').map(({ protocol, port }) => [protocol, port])).toEqual([
        ['HTTPS', 443],
      ]);
      const open = ofType('aws_vpc_security_group_ingress_rule').filter(({ cidr_ipv4 }) =>
        Boolean(cidr_ipv4),
      );
      expect(open.map(({ from_port }) => from_port)).toEqual([443]);
    });
  },
);
