import { Global, Module } from '@nestjs/common'
import { ConnectionSecrets } from './connection-secrets.ts'
import { ConnectionsController } from './connections.controller.ts'
import { Exchanges } from './exchanges.ts'
import { DeleteConnection } from './use-cases/delete-connection.ts'
import { PutConnection } from './use-cases/put-connection.ts'
import { TestConnection } from './use-cases/test-connection.ts'

@Global()
@Module({
  controllers: [ConnectionsController],
  providers: [ConnectionSecrets, Exchanges, PutConnection, DeleteConnection, TestConnection],
  exports: [ConnectionSecrets, Exchanges],
})
export class ConnectionsModule {}
