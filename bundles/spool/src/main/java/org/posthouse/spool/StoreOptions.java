// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ChecksumType;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.IndexType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksObject;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBufferManager;

/** How RocksDB is set up, and the native objects that must live as long as the store. */
final class StoreOptions implements AutoCloseable {
    /** The format of tables: the plainest one, which {@link SstFile} can read without RocksDB. */
    static final int TABLE_FORMAT = 2;

    private static final long MAX_LOG = 256L << 20;

    static {
        RocksDB.loadLibrary();
    }

    private final List<RocksObject> natives = new ArrayList<>();
    private final DBOptions database;
    private final List<ColumnFamilyDescriptor> families = new ArrayList<>();

    StoreOptions(Settings settings, boolean salvage) {
        Cache cache = keep(new LRUCache(settings.blockCache()));
        BloomFilter bloom = keep(new BloomFilter(10, false));
        database = keep(new DBOptions());
        common(database);
        database.setWriteBufferManager(keep(new WriteBufferManager(settings.writeBuffers(), cache)));
        families.add(family("default", 1, cache, bloom, settings));
        // What plugins look up by chance must not push out what mail is read from, nor be pushed out by what waits in
        // the
        // write buffers, which count as part of the other cache.
        Cache vault = keep(new LRUCache(settings.blockCache() / 4));
        for (Table table : Table.values()) {
            int share = table == Table.BODY ? 2 : 8;
            families.add(family(table.family(), share, table == Table.VAULT ? vault : cache, bloom, settings));
        }
        if (salvage) {
            families.add(family(Salvage.LOGGED, 2, cache, bloom, settings));
        }
    }

    private static void common(DBOptions options) {
        options.setCreateIfMissing(true)
                .setCreateMissingColumnFamilies(true)
                .setParanoidChecks(true)
                // Torn tails are told from damage before the open, see Inspection.
                .setWalRecoveryMode(WALRecoveryMode.PointInTimeRecovery)
                // A recycled log keeps old records under an old name; a salvage would bring delivered mail back.
                .setRecycleLogFileNum(0)
                .setMaxTotalWalSize(MAX_LOG)
                .setBytesPerSync(512 << 10)
                .setMaxBackgroundJobs(2)
                .setMaxOpenFiles(256)
                .setAvoidFlushDuringShutdown(true)
                // What is replayed is written to new files: after a failed sync the page cache can not be trusted.
                .setAvoidFlushDuringRecovery(false)
                .setMaxBgErrorResumeCount(0)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setMaxLogFileSize(1 << 20)
                .setKeepLogFileNum(4)
                .setStatsDumpPeriodSec(0)
                .setStatsPersistPeriodSec(0);
    }

    private ColumnFamilyDescriptor family(String name, int share, Cache cache, BloomFilter bloom, Settings settings) {
        BlockBasedTableConfig table = new BlockBasedTableConfig()
                .setFormatVersion(TABLE_FORMAT)
                .setChecksumType(ChecksumType.kCRC32c)
                .setIndexType(IndexType.kBinarySearch)
                .setBlockCache(cache)
                .setCacheIndexAndFilterBlocks(true)
                .setPinL0FilterAndIndexBlocksInCache(true)
                .setBlockSize(16 << 10)
                .setFilterPolicy(bloom);
        ColumnFamilyOptions options = keep(new ColumnFamilyOptions())
                .setTableFormatConfig(table)
                .setCompressionType(CompressionType.NO_COMPRESSION)
                .setWriteBufferSize(Math.max(1 << 20, settings.writeBuffers() / share))
                .setMaxWriteBufferNumber(3)
                .setForceConsistencyChecks(true)
                .setParanoidFileChecks(true);
        return new ColumnFamilyDescriptor(name.getBytes(StandardCharsets.US_ASCII), options);
    }

    private <T extends RocksObject> T keep(T object) {
        natives.add(object);
        return object;
    }

    DBOptions database() {
        return database;
    }

    List<ColumnFamilyDescriptor> families() {
        return families;
    }

    @Override
    public void close() {
        for (RocksObject object : natives.reversed()) {
            object.close();
        }
    }
}
