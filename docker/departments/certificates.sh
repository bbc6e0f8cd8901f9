#!/bin/bash
# Makes an authority for the trial and one certificate for its three departments, once.
set -euo pipefail
cd "${1:-/certificates}"
[[ ! -e node.pem ]] || exit 0
umask 077
openssl req -x509 -newkey rsa:3072 -noenc -days 365 -subj "/CN=Corridor trial authority" \
  -addext "basicConstraints=critical,CA:TRUE,pathlen:0" -addext "keyUsage=critical,keyCertSign,cRLSign" \
  -keyout authority.key -out authority.pem
openssl req -newkey rsa:2048 -noenc -subj "/CN=corridor.test" -keyout node.key -out node.csr
cat >node.ext <<'EXT'
subjectAltName = DNS:revenue.corridor.test, DNS:transport.corridor.test, DNS:health.corridor.test
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth, clientAuth
EXT
openssl x509 -req -in node.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 365 \
  -extfile node.ext -out node.pem.new
# The nodes run without rights, and read the authority alone.
chmod 0755 .
chmod 0644 authority.pem node.pem.new
rm -f node.csr node.ext authority.srl
mv node.pem.new node.pem
