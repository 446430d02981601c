// Signing in and out, and setting a password with a one-time link.
// It keeps no password and no token: the session is a cookie the page cannot read.

import { get, keepSession, post, remove, type Result, type Session } from './client'

export async function readSession(): Promise<Result<Session>> {
  const result = await get<Session>('/session')
  if (result.is === 'done') keepSession(result.value)
  return result
}

export async function signIn(login: string, password: string): Promise<Result<Session>> {
  const result = await post<Session>('/session', { login, password })
  if (result.is === 'done') keepSession(result.value)
  return result
}

export async function signOut(): Promise<void> {
  await remove('/session')
  keepSession(null)
}

export function setPassword(token: string, password: string): Promise<Result<{ login: string }>> {
  return post('/passwords', { token, password })
}
