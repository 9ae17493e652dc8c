import { Module } from '@nestjs/common'
import { ApiKeysController } from './api-keys.controller.ts'
import { AuthenticateApiKey } from './authenticate-api-key.ts'

@Module({ controllers: [ApiKeysController], providers: [AuthenticateApiKey], exports: [AuthenticateApiKey] })
export class ApiKeysModule {}
