<?php
// Receives webhooks, and believes those that are signed with the secret of the target:
//
//   WEBHOOK_SECRET=whsec_... php -S 0.0.0.0:4000 receiver.php

const OLDEST_SECONDS = 300;

$key = base64_decode(preg_replace('/^whsec_/', '', getenv('WEBHOOK_SECRET') ?: ''));
$id = $_SERVER['HTTP_WEBHOOK_ID'] ?? '';
$timestamp = $_SERVER['HTTP_WEBHOOK_TIMESTAMP'] ?? '';
$signatures = explode(' ', $_SERVER['HTTP_WEBHOOK_SIGNATURE'] ?? '');
$body = file_get_contents('php://input');

// Standard Webhooks: HMAC-SHA256 over id, time and the bytes of the body, one signature for each secret that is valid.
$expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
$isSigned = strlen($key) >= 24
    && ctype_digit($timestamp)
    && abs(time() - (int) $timestamp) <= OLDEST_SECONDS
    && array_filter($signatures, fn ($given) => hash_equals($expected, $given));
if (!$isSigned) {
    http_response_code(401);
    exit;
}

// The same id comes again when an answer was lost: do what has to be done once by it.
file_put_contents('php://stdout', "$id $body\n");
http_response_code(204);
