import { processExecutor } from '../../../../app/adapters/process/process-executor.ts';
import { systemClock } from '../../../../app/adapters/system/system-clock.ts';
import { silentLogger } from '../../../helpers/silent-logger.ts';

const { options, request } = JSON.parse(process.argv[2] ?? '');
await processExecutor({ ...options, clock: systemClock, logger: silentLogger }).launch(request);
process.kill(process.pid, 'SIGKILL');
