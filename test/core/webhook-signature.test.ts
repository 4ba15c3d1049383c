import t from 'tap';
import { formatWebhookSecret, signWebhook } from '../../src/core/webhook-signature.ts';

const secret = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', at: 1_614_265_330_999, body: '{"test": 2432232314}' };

t.test('the worked example', async (t) => {
  t.equal(formatWebhookSecret(secret), 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
  t.strictSame(signWebhook(secret, message), {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

t.test('what is signed cannot be cut in another way', async (t) => {
  t.throws(() => signWebhook(secret, { ...message, id: 'msg.1' }), RangeError);
});
