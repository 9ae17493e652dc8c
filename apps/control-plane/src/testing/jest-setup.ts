// CommonJS packages that require() NestJS while ESM Jest still loads it would close a cycle; loaded here, it is there.
import 'reflect-metadata'
import '@nestjs/common'
import '@nestjs/core'
