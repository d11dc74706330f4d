import type { ConfigChange } from '../harness/interop-case.ts';

/** Cases are played below the folder for temporary files, which is to be out of bounds. */
export const strictWorkspace: ConfigChange = {
  sandbox_workspace_write: { exclude_slash_tmp: true, exclude_tmpdir_env_var: true },
};
