// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CertificatesTest {
    @TempDir
    private Path data;

    /** Trusts everything: what is shown is looked at afterwards. */
    private static SSLContext trusting() throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new TrustAll()}, null);
        return context;
    }

    private static SSLSocket handshake(FakeServer server, String name, String... protocols) throws Exception {
        SSLSocket socket = (SSLSocket) trusting()
                .getSocketFactory()
                .createSocket(server.address().getAddress(), server.address().getPort());
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(name)));
        if (protocols.length > 0) {
            parameters.setProtocols(protocols);
        }
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    private FakeServer server() throws IOException {
        return new FakeServer(FakeServer.settings("MX", "IMPLICIT", "", "", 0), new Fakes(), data);
    }

    @Test
    void makesItsOwnCertificateWhoseKeyNobodyElseReads() throws Exception {
        try (FakeServer server = server();
                SSLSocket socket = handshake(server, "other.test")) {
            assertEquals("CN=mx.local.test", shown(socket));
        }
        assertEquals(
                "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve("tls/key.pem"))));
        try (var files = Files.list(data.resolve("tls"))) {
            assertEquals(2, files.count());
        }
    }

    @Test
    void speaksTls12AndTls13Only() throws Exception {
        try (FakeServer server = server()) {
            handshake(server, "mx.local.test", "TLSv1.2").close();
            handshake(server, "mx.local.test", "TLSv1.3").close();
            assertThrows(SSLHandshakeException.class, () -> handshake(server, "mx.local.test", "TLSv1.1"));
        }
    }

    @Test
    void showsTheCertificateThatBearsTheName() throws Exception {
        Path more = Files.createDirectory(data.resolve("more"));
        SelfSigned.write("other.test", more.resolve("other.pem"), more.resolve("other.key"));
        try (FakeServer server = new FakeServer(
                        FakeServer.settings("MX", "IMPLICIT", "", "", 0), new Fakes(), data, more.toString());
                SSLSocket one = handshake(server, "nobody.test");
                SSLSocket other = handshake(server, "OTHER.test", "TLSv1.2")) {
            assertEquals("CN=mx.local.test", shown(one));
            assertEquals("CN=other.test", shown(other));
        }
    }

    private static String shown(SSLSocket socket) throws IOException {
        return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
                .getSubjectX500Principal()
                .getName();
    }

    @Test
    void refusesAKeyThatIsNotTheCertificates() throws Exception {
        SelfSigned.write("a.test", data.resolve("a.pem"), data.resolve("a.key"));
        SelfSigned.write("b.test", data.resolve("b.pem"), data.resolve("b.key"));
        ProvenPairs proven = new ProvenPairs(data.resolve("run/tls.checked"));
        PemKeys.load(data.resolve("a.pem"), data.resolve("a.key"), null, proven);
        PemKeys.load(data.resolve("b.pem"), data.resolve("b.key"), null, proven);
        GeneralSecurityException e = assertThrows(
                GeneralSecurityException.class,
                () -> PemKeys.load(data.resolve("a.pem"), data.resolve("b.key"), null, proven));
        assertTrue(e.getMessage().contains("is not the key of"), e.getMessage());
    }

    @Test
    void remembersWhichPairsFitAcrossStarts() throws Exception {
        SelfSigned.write("a.test", data.resolve("a.pem"), data.resolve("a.key"));
        Path file = data.resolve("run/tls.checked");
        PemKeys.load(data.resolve("a.pem"), data.resolve("a.key"), null, new ProvenPairs(file));
        String digest = ProvenPairs.digest(
                Files.readAllBytes(data.resolve("a.pem")),
                PemKeys.load(data.resolve("a.pem"), data.resolve("a.key"), null, new ProvenPairs(file))
                        .all()
                        .getFirst()
                        .key()
                        .getEncoded());
        assertTrue(new ProvenPairs(file).has(digest));
        assertEquals(List.of(digest), Files.readAllLines(file));
    }

    @Test
    void takesChangedFilesAndKeepsTheOldOnesWhenTheNewAreBad() throws Exception {
        try (FakeServer server = server()) {
            Files.writeString(data.resolve("tls/server.pem"), "no certificate");
            server.lookAtCertificates();
            handshake(server, "mx.local.test").close();
            SelfSigned.write("new.test", data.resolve("new.pem"), data.resolve("new.key"));
            Files.move(data.resolve("new.key"), data.resolve("tls/key.pem"), StandardCopyOption.REPLACE_EXISTING);
            Files.move(data.resolve("new.pem"), data.resolve("tls/server.pem"), StandardCopyOption.REPLACE_EXISTING);
            server.lookAtCertificates();
            try (SSLSocket socket = handshake(server, "mx.local.test")) {
                assertEquals("CN=new.test", shown(socket));
            }
        }
    }

    private static final class TrustAll extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
