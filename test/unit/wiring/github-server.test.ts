import { describe, expect, it } from '@jest/globals';
import { githubAddresses } from '../../../app/wiring/config/github-server.ts';

describe('the addresses of GitHub', () => {
  it.each([
    [undefined, 'https://api.github.com', 'https://github.com'],
    ['github.com', 'https://api.github.com', 'https://github.com'],
    ['https://github.com/', 'https://api.github.com', 'https://github.com'],
    ['git.example.com', 'https://git.example.com/api/v3', 'https://git.example.com'],
    ['https://git.example.com/', 'https://git.example.com/api/v3', 'https://git.example.com'],
    ['https://Git.example.com/api/v3', 'https://git.example.com/api/v3', 'https://git.example.com'],
    ['http://127.0.0.1:4000', 'http://127.0.0.1:4000/api/v3', 'http://127.0.0.1:4000'],
    ['octo.ghe.com', 'https://api.octo.ghe.com', 'https://octo.ghe.com'],
    ['https://api.octo.ghe.com', 'https://api.octo.ghe.com', 'https://octo.ghe.com'],
  ])('of %s', (host, apiUrl, webUrl) => {
    expect(githubAddresses(host, 'https')).toEqual({ apiUrl, webUrl });
  });

  it('of a server without TLS', () => {
    expect(githubAddresses('127.0.0.1:4000', 'http').webUrl).toBe('http://127.0.0.1:4000');
  });
});
