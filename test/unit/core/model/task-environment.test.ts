import { describe, expect, it } from '@jest/globals';
import { taskEnvironment } from '../../../../app/core/model/task-environment.ts';

const environment = {
  PATH: '/usr/bin',
  HOME: '/home/ada',
  LC_ALL: 'C',
  https_proxy: 'http://proxy',
  RUSTUP_HOME: '/opt/rustup',
  BERTH_API_KEY: 'secret',
  GIT_DIR: '/elsewhere/.git',
  npm_config_local_prefix: '/elsewhere',
};

describe('the environment of process tasks', () => {
  it('is the variables of the system, by default', () => {
    expect(taskEnvironment(environment, 'clean')).toEqual({
      PATH: '/usr/bin',
      LC_ALL: 'C',
      https_proxy: 'http://proxy',
    });
  });

  it('has what BERTH_PASS_ENV names, and hands it on to the runner', () => {
    const names = ' RUSTUP_*, HOME,BERTH_API_KEY ';
    expect(taskEnvironment({ ...environment, BERTH_PASS_ENV: names }, 'clean')).toEqual({
      PATH: '/usr/bin',
      LC_ALL: 'C',
      https_proxy: 'http://proxy',
      RUSTUP_HOME: '/opt/rustup',
      HOME: '/home/ada',
      BERTH_PASS_ENV: 'RUSTUP_*,HOME,BERTH_API_KEY',
    });
  });

  it('is the whole environment of the user, without the variables of Berth, git, and npm', () => {
    expect(taskEnvironment(environment, 'user')).toEqual({
      PATH: '/usr/bin',
      HOME: '/home/ada',
      LC_ALL: 'C',
      https_proxy: 'http://proxy',
      RUSTUP_HOME: '/opt/rustup',
      BERTH_PASS_ENV: '*',
    });
  });
});
