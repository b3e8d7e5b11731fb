// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** Chooses the certificate that bears the name a client asks for (RFC 6066 3); the first one when none does. */
final class SniKeys extends X509ExtendedKeyManager {
    private static final int DNS_NAME = 2;

    private final PemKeys keys;

    SniKeys(PemKeys keys) {
        this.keys = keys;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        String asked = engine != null && engine.getHandshakeSession() instanceof ExtendedSSLSession session
                ? asked(session.getRequestedServerNames())
                : "";
        int fallback = -1;
        for (int i = 0; i < keys.all().size(); i++) {
            PemKeys.Pair pair = keys.all().get(i);
            if (!fits(pair.key(), keyType)) {
                continue;
            }
            if (names(pair.chain().getFirst()).stream().anyMatch(n -> matches(n, asked))) {
                return Integer.toString(i);
            }
            fallback = fallback < 0 ? i : fallback;
        }
        return fallback < 0 ? null : Integer.toString(fallback);
    }

    private static boolean fits(PrivateKey key, String keyType) {
        return keyType.equals(key.getAlgorithm()) || keyType.startsWith(key.getAlgorithm() + "_");
    }

    private static String asked(List<SNIServerName> names) {
        for (SNIServerName name : names) {
            if (name instanceof SNIHostName host) {
                return host.getAsciiName().toLowerCase(Locale.ROOT);
            }
        }
        return "";
    }

    private static List<String> names(X509Certificate certificate) {
        List<String> names = new ArrayList<>();
        try {
            var all = certificate.getSubjectAlternativeNames();
            if (all != null) {
                all.stream()
                        .filter(n -> n.get(0).equals(DNS_NAME))
                        .forEach(n -> names.add(((String) n.get(1)).toLowerCase(Locale.ROOT)));
            }
        } catch (CertificateParsingException e) {
            // A certificate whose names can not be read is never asked for by name.
            return List.of();
        }
        return names;
    }

    private static boolean matches(String name, String asked) {
        int dot = asked.indexOf('.');
        return name.equals(asked)
                || (name.startsWith("*.") && dot > 0 && name.substring(1).equals(asked.substring(dot)));
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return chooseEngineServerAlias(keyType, issuers, null);
    }

    @Override
    public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return new String[] {"0"};
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return keys.all().get(Integer.parseInt(alias)).chain().toArray(X509Certificate[]::new);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return keys.all().get(Integer.parseInt(alias)).key();
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
            String @Nullable [] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }
}
