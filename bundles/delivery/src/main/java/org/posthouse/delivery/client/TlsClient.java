// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** Turns a socket into an encrypted one. */
final class TlsClient {
    private final SSLContext any;
    private final SSLContext trusted;

    TlsClient() {
        try {
            any = SSLContext.getInstance("TLS");
            any.init(null, new TrustManager[] {new Anyone()}, null);
            trusted = SSLContext.getDefault();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java has no TLS", e);
        }
    }

    /** Shakes hands within the time that is set on the socket. */
    SSLSocket wrap(Socket socket, String host, TlsPolicy policy) throws IOException {
        SSLContext context = policy == TlsPolicy.VERIFY ? trusted : any;
        SSLSocket encrypted = (SSLSocket) context.getSocketFactory().createSocket(socket, host, socket.getPort(), true);
        encrypted.setUseClientMode(true);
        if (policy == TlsPolicy.VERIFY) {
            SSLParameters parameters = encrypted.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            encrypted.setSSLParameters(parameters);
        }
        encrypted.startHandshake();
        return encrypted;
    }

    /** Protocol and cipher for log and hooks. */
    static String name(SSLSession session) {
        return session.getProtocol() + " " + session.getCipherSuite();
    }

    /** RFC 7435 3: against a passive listener any certificate is better than none. */
    private static final class Anyone extends X509ExtendedTrustManager {
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
