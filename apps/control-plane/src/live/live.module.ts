import { Module } from '@nestjs/common'
import { LiveController } from './live.controller.ts'
import { LiveHub } from './live-hub.ts'
import { LiveReader } from './live-reader.ts'

@Module({ controllers: [LiveController], providers: [LiveHub, LiveReader] })
export class LiveModule {}
