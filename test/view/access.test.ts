import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { isLoopback, isOurHost, isOurOrigin, Secret } from '../../src/view/access.js';
import { hidePaths } from '../../src/view/hide-paths.js';

describe('the host of a request', () => {
  const at = (listening: string) => (host: string | undefined) => isOurHost(host, listening);

  it('is this machine, at whatever port a tunnel has at its other end', () => {
    for (const host of [
      'localhost',
      'localhost:8000',
      'LOCALHOST:1',
      '127.0.0.1:9',
      '127.9.9.9',
      '[::1]:80',
      '[::1]',
    ]) {
      assert.ok(at('127.0.0.1')(host), host);
    }
  });

  it('is no name that was made to lead here', () => {
    for (const host of [
      undefined,
      '',
      'evil.example:8000',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      '127.evil.example',
      'localhost:8000@evil.example',
      'evil.example/localhost',
      '10.0.0.1:8000',
      '0.0.0.0',
      '[::]:80',
      'localhost:99999999',
    ]) {
      assert.ok(!at('127.0.0.1')(host), host);
    }
  });

  it('is the name that was asked for, and any address where all were', () => {
    assert.ok(at('node7')('node7:8000'));
    assert.ok(at('Node7')('node7:8000'));
    assert.ok(!at('node7')('node8:8000'));
    assert.ok(at('0.0.0.0')('10.0.0.1:8000'));
    assert.ok(!at('0.0.0.0')('evil.example:8000'));
  });

  it('is loopback by name and address only', () => {
    assert.ok(isLoopback('127.0.0.2') && isLoopback('localhost') && isLoopback('::1'));
    assert.ok(!isLoopback('0.0.0.0') && !isLoopback('192.168.0.1') && !isLoopback('127.evil'));
  });
});

describe('the origin of a request', () => {
  it('is the host itself, where it is said', () => {
    assert.ok(isOurOrigin(undefined, 'localhost:8000'));
    assert.ok(isOurOrigin('http://localhost:8000', 'localhost:8000'));
    for (const origin of [
      'http://localhost:8001',
      'http://evil.example',
      'null',
      'file://',
      'http://localhost',
    ]) {
      assert.ok(!isOurOrigin(origin, 'localhost:8000'), origin);
    }
  });
});

describe('the key', () => {
  it('is opened by its cookie among others, or by its token, and by nothing else', () => {
    const key = new Secret();
    assert.match(key.token, /^[\w-]{22}$/);
    assert.ok(key.opens(`a=b; ${key.cookie}=${key.token}; c=d`, null));
    assert.ok(key.opens(undefined, key.token));
    assert.ok(!key.opens(undefined, null));
    assert.ok(!key.opens('', ''));
    assert.ok(!key.opens(`${key.cookie}=`, null));
    assert.ok(!key.opens(`${key.cookie}=${key.token}x`, key.token.slice(1)));
    assert.ok(!key.opens(`x${key.cookie}=${key.token}`, null));
  });

  it('is another one each time, under another name', () => {
    const [a, b] = [new Secret(), new Secret()];
    assert.notEqual(a.token, b.token);
    assert.notEqual(a.cookie, b.cookie);
    assert.ok(!a.opens(`${b.cookie}=${b.token}`, b.token));
  });
});

describe('messages for the page', () => {
  it('name files, not where they lie', () => {
    assert.equal(hidePaths('/data/x/a.svs: no such file', []), 'a.svs: no such file');
    assert.equal(hidePaths("read '/data/x/a.svs', 1/2 of it", []), "read 'a.svs', 1/2 of it");
    assert.equal(
      hidePaths('/home/A B/my slides/a.svs: cut off', ['/home/A B', '/home/A B/my slides']),
      'a.svs: cut off',
    );
    assert.equal(hidePaths('3 nuclei/mm2, and/or 5', []), '3 nuclei/mm2, and/or 5');
  });
});
