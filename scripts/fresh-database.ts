import { connect } from '../src/database/connection.ts';

/** An empty database of that name, made anew. */
export async function freshDatabase(adminUrl: string, name: string): Promise<string> {
  const admin = connect(adminUrl, { max: 1 });
  await admin.sql.unsafe(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await admin.sql.unsafe(`CREATE DATABASE ${name}`);
  await admin.close();
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return url.href;
}
