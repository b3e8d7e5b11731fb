// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLSession;
import org.apache.james.protocols.api.BaseRequest;
import org.apache.james.protocols.api.ProtocolSession;
import org.apache.james.protocols.api.ProtocolSession.AttachmentKey;
import org.apache.james.protocols.api.ProtocolSession.State;
import org.apache.james.protocols.api.ProtocolTransport;
import org.apache.james.protocols.api.Request;
import org.apache.james.protocols.api.Response;
import org.apache.james.protocols.api.handler.CommandDispatcher;
import org.apache.james.protocols.api.handler.CommandHandler;
import org.apache.james.protocols.api.handler.ConnectHandler;
import org.apache.james.protocols.api.handler.LineHandler;
import org.apache.james.protocols.api.handler.ProtocolHandler;
import org.apache.james.protocols.api.handler.ProtocolHandlerChainImpl;
import org.apache.james.protocols.api.handler.ProtocolHandlerResultHandler;
import org.apache.james.protocols.api.handler.UnknownCommandHandler;
import org.apache.james.protocols.api.handler.WiringException;
import org.apache.james.protocols.smtp.SMTPConfigurationImpl;
import org.apache.james.protocols.smtp.SMTPProtocol;
import org.apache.james.protocols.smtp.SMTPSession;
import org.posthouse.pipeline.spi.Pipeline;
import org.posthouse.queue.spi.Intake;
import org.posthouse.spool.spi.Spool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Step 3 of 9: the SMTP protocol of one listener. A command line goes into James's handler chain, which finds the verb; the
 * verb asks a stage of the pipeline; the verdict becomes the reply. The only class that knows James.
 *
 * <p>James gives the session, the dispatching of command lines and the chain of handlers. Its network classes, its MAIL,
 * RCPT and DATA handlers and its address class are not used: docs/decisions/0030 says why.
 */
final class SmtpAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(SmtpAdapter.class);
    private static final AttachmentKey<Dialogue> DIALOGUE = AttachmentKey.of("posthouse", Dialogue.class);

    private final Transfer transfer;
    private final Chunks chunks;
    private final Authentication authentication;
    private final Banner banner;
    private final Dispatcher dispatcher = new Dispatcher();
    private final SMTPProtocol protocol;

    SmtpAdapter(
            String hostname,
            Pipeline pipeline,
            Spool spool,
            Intake intake,
            Journal journal,
            Basics basics,
            Authentication authentication) {
        this.authentication = authentication;
        Envelopes envelopes = new Envelopes(intake, journal);
        this.transfer = new Transfer(hostname, pipeline, spool, intake, journal);
        this.chunks = new Chunks(transfer);
        Greeting greeting = new Greeting(hostname, journal);
        this.banner = new Banner(greeting);
        ProtocolHandlerChainImpl chain = new ProtocolHandlerChainImpl();
        chain.add(banner);
        chain.add(new Verb("HELO", greeting::helo));
        chain.add(new Verb("EHLO", greeting::ehlo));
        chain.add(new Verb("MAIL", envelopes::mail));
        chain.add(new Verb("RCPT", envelopes::rcpt));
        chain.add(new Verb("RSET", Command.bare("RSET", envelopes::rset)));
        chain.add(new Verb("DATA", Command.bare("DATA", transfer::data)));
        chain.add(new Verb("BDAT", chunks::bdat));
        chain.add(new Verb("NOOP", basics::noop));
        chain.add(new Verb("HELP", basics::help));
        chain.add(new Verb("VRFY", basics::vrfy));
        chain.add(new Verb("EXPN", basics::expn));
        chain.add(new Verb("QUIT", basics::quit));
        chain.add(new Verb("STARTTLS", Command.bare("STARTTLS", basics::startTls)));
        chain.add(new Verb("AUTH", authentication::auth));
        chain.add(new Verb(
                UnknownCommandHandler.COMMAND_IDENTIFIER, (d, verb) -> basics.unknown(verb == null ? "" : verb)));
        chain.add(new Count(journal));
        chain.add(dispatcher);
        this.protocol = new SMTPProtocol(wired(chain), new SMTPConfigurationImpl());
    }

    private static ProtocolHandlerChainImpl wired(ProtocolHandlerChainImpl chain) {
        try {
            chain.wireExtensibleHandlers();
            return chain;
        } catch (WiringException e) {
            throw new IllegalStateException("The handlers of a listener do not fit together", e);
        }
    }

    /** Opens James's session for a client. */
    Talk open(Dialogue dialogue, InetSocketAddress local) {
        SMTPSession session = (SMTPSession) protocol.newSession(new Transport(dialogue, local));
        session.setAttachment(DIALOGUE, dialogue, State.Connection);
        return new Talk(session, dialogue);
    }

    /** One session: what the client says goes in, what it is told comes out. */
    final class Talk {
        private final SMTPSession session;
        private final Dialogue dialogue;

        private Talk(SMTPSession session, Dialogue dialogue) {
            this.session = session;
            this.dialogue = dialogue;
        }

        /** What the client is told first. */
        Answer banner() {
            return answer(banner.onConnect(session));
        }

        /** Answers a command line. */
        Answer line(byte[] line) {
            return answer(dispatcher.onLine(session, line));
        }

        /** Takes the client's answer to a challenge of AUTH. */
        Answer response(Framer.Line line) {
            return authentication.respond(dialogue, line);
        }

        /** Reads the message behind DATA and answers it. */
        Answer data(Framer framer) throws IOException {
            Dialogue.Transaction transaction = dialogue.transaction();
            Incoming incoming = transaction == null ? null : transaction.incoming();
            if (transaction == null || incoming == null) {
                throw new IllegalStateException("No transaction behind 354");
            }
            if (!framer.data(incoming, dialogue.settings().timeouts().data())) {
                incoming.refuse(Chunks.bareLineEnds());
            }
            return transfer.finish(dialogue, transaction, incoming);
        }

        /** Reads the chunk behind BDAT and answers it. */
        Answer chunk(byte[] line, Framer framer) throws IOException {
            return chunks.receive(dialogue, Dispatcher.parse(line).getArgument(), framer);
        }
    }

    private static Answer answer(Response response) {
        // James answers with a response of its own only when a handler threw what Verb does not catch.
        return response instanceof Spoken spoken ? spoken.answer() : Transfer.INTERNAL;
    }

    /** An answer of ours as James sees it. */
    private record Spoken(Answer answer) implements Response {
        @Override
        public String getRetCode() {
            return Integer.toString(answer.code());
        }

        @Override
        public List<CharSequence> getLines() {
            return List.copyOf(answer.lines());
        }

        @Override
        public boolean isEndSession() {
            return answer.close();
        }
    }

    /** The banner as a link of James's chain. */
    private record Banner(Greeting greeting) implements ConnectHandler<SMTPSession> {
        @Override
        public Response onConnect(SMTPSession session) {
            return new Spoken(greeting.banner(dialogue(session)));
        }
    }

    /** One verb as a link of James's chain. */
    private record Verb(String name, Command command) implements CommandHandler<SMTPSession> {
        @Override
        public Response onCommand(SMTPSession session, Request request) {
            Dialogue dialogue = dialogue(session);
            boolean unknown = name.equals(UnknownCommandHandler.COMMAND_IDENTIFIER);
            try {
                return new Spoken(command.run(dialogue, unknown ? request.getCommand() : request.getArgument()));
            } catch (RuntimeException e) {
                LOG.error("Session {}: {} failed", dialogue.id(), name, e);
                dialogue.reset();
                return new Spoken(Transfer.INTERNAL);
            }
        }

        @Override
        public Collection<String> getImplCommands() {
            return List.of(name);
        }
    }

    private static Dialogue dialogue(ProtocolSession session) {
        return session.getAttachment(DIALOGUE, State.Connection).orElseThrow();
    }

    /** Counts what was answered. */
    private record Count(Journal journal) implements ProtocolHandlerResultHandler<Response, SMTPSession> {
        @Override
        public Response onResponse(ProtocolSession session, Response response, long millis, ProtocolHandler handler) {
            if (handler instanceof Verb verb) {
                journal.command(verb.name().equals(UnknownCommandHandler.COMMAND_IDENTIFIER) ? "other" : verb.name());
            }
            return response;
        }
    }

    /** James's dispatcher; only the octets of a line are kept as they are, where James takes them for ASCII. */
    private static final class Dispatcher extends CommandDispatcher<SMTPSession> {
        @Override
        protected Request parseRequest(SMTPSession session, byte[] line) {
            return parse(line);
        }

        static Request parse(byte[] line) {
            String text = new String(line, StandardCharsets.ISO_8859_1).stripTrailing();
            int space = text.indexOf(' ');
            String verb = (space < 0 ? text : text.substring(0, space)).toUpperCase(Locale.ROOT);
            String argument = space < 0 ? "" : text.substring(space + 1).strip();
            return new BaseRequest(verb, argument.isEmpty() ? null : argument);
        }
    }

    /** What James may ask about the connection. It writes nothing itself: answers go back to the session loop. */
    private record Transport(Dialogue dialogue, InetSocketAddress local) implements ProtocolTransport {
        @Override
        public InetSocketAddress getRemoteAddress() {
            return dialogue.peer();
        }

        @Override
        public InetSocketAddress getLocalAddress() {
            return local;
        }

        @Override
        public String getId() {
            return dialogue.id();
        }

        @Override
        public boolean isTLSStarted() {
            return !dialogue.tls().isEmpty();
        }

        @Override
        public boolean isStartTLSSupported() {
            return dialogue.settings().tls() == ListenerSettings.Tls.STARTTLS;
        }

        @Override
        public Optional<SSLSession> getSSLSession() {
            return Optional.empty();
        }

        @Override
        public boolean isProxyRequired() {
            return false;
        }

        @Override
        public void writeResponse(Response response, ProtocolSession session) {
            throw new UnsupportedOperationException("Answers are returned, not written");
        }

        @Override
        public void popLineHandler() {
            throw new UnsupportedOperationException("Lines go to the dispatcher alone");
        }

        @Override
        public void pushLineHandler(LineHandler<? extends ProtocolSession> handler, ProtocolSession session) {
            throw new UnsupportedOperationException("Lines go to the dispatcher alone");
        }

        @Override
        public void setReadable(boolean readable) {
            throw new UnsupportedOperationException("Reading is the business of the wire");
        }

        @Override
        public boolean isReadable() {
            return true;
        }
    }
}
