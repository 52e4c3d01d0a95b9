# Built and started without a registry by `npm run image`: docs/install.md. Versions are pinned; what changes them is a commit.
ARG NODE_IMAGE=node:24.22.3-bookworm-slim
ARG DEBIAN_IMAGE=debian:12.15-slim

FROM ${NODE_IMAGE} AS build
# The SQLite driver is compiled where no ready binary can be had, against the headers that are here.
ENV npm_config_nodedir=/usr/local
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 make g++ \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /parley
COPY package.json package-lock.json ./
# npm skips install scripts it was not told to run, and succeeds all the same: the driver has to load here.
RUN npm ci --no-audit --no-fund && node -e "require('sqlite3')"
COPY . .
RUN npm run build && npm run extension && npm prune --omit=dev --no-audit --no-fund && node scripts/slim-packages.mjs node_modules

# Debian's ffmpeg brings 410 MB of a desktop along. This is its source, with Debian's repairs, built with what Parley uses:
# src/media/convert and src/calls say which; test/deploy/image.test.ts holds them against this list.
FROM ${DEBIAN_IMAGE} AS ffmpeg
RUN sed -i 's/^Types: deb$/Types: deb deb-src/; s/^deb \(.*\)/deb \1\ndeb-src \1/' /etc/apt/sources.list.d/* /etc/apt/sources.list 2>/dev/null; \
    apt-get update \
 && apt-get install -y --no-install-recommends dpkg-dev gcc libc6-dev make nasm pkg-config \
      libdav1d-dev libopus-dev libwebp-dev libx264-dev zlib1g-dev
WORKDIR /ffmpeg
RUN apt-get source --only-source ffmpeg && cd ffmpeg-*/ \
 && ./configure --prefix=/usr --enable-gpl --disable-debug --disable-doc --disable-autodetect --disable-network \
      --disable-everything --disable-avdevice --disable-postproc --disable-programs --enable-ffmpeg \
      --enable-zlib --enable-libdav1d --enable-libopus --enable-libwebp --enable-libx264 \
      --enable-protocol=file,pipe \
      --enable-demuxer=ogg,mp3,wav,flac,aac,amr,amrnb,amrwb,caf,mov,matroska,gif,avi,asf,mpegts,flv,aiff,image_webp_pipe,image_bmp_pipe,hevc \
      --enable-decoder=aac,aac_latm,ac3,alac,amrnb,amrwb,bmp,eac3,flac,flv,gif,h263,h264,hevc,libdav1d,mjpeg,mp1,mp2,mp3,mpeg1video,mpeg2video,mpeg4,msmpeg4v1,msmpeg4v2,msmpeg4v3,opus,pcm_alaw,pcm_f32be,pcm_f32le,pcm_f64be,pcm_f64le,pcm_mulaw,pcm_s16be,pcm_s16le,pcm_s24be,pcm_s24le,pcm_s32be,pcm_s32le,pcm_s8,pcm_u8,adpcm_ima_qt,adpcm_ima_wav,adpcm_ms,png,prores,rawvideo,speex,theora,vc1,vorbis,vp6,vp6f,vp8,vp9,webp,wmav1,wmav2,wmapro,wmv1,wmv2,wmv3 \
      --enable-parser=aac,aac_latm,ac3,amr,av1,bmp,flac,gif,h263,h264,hevc,mjpeg,mpeg4video,mpegaudio,mpegvideo,opus,png,vc1,vorbis,vp3,vp8,vp9,webp \
      --enable-bsf=aac_adtstoasc,av1_frame_split,extract_extradata,h264_mp4toannexb,hevc_mp4toannexb,mpeg4_unpack_bframes,vp9_superframe,vp9_superframe_split \
      --enable-encoder=aac,libopus,libwebp_anim,libx264,mjpeg,pcm_s16le,png \
      --enable-muxer=image2,mjpeg,mp4,ogg,pcm_s16le,webp \
      --enable-filter=aformat,anull,aresample,atrim,crop,format,fps,hflip,null,pad,rotate,scale,setparams,setsar,tile,transpose,trim,vflip \
 && make -j"$(nproc)" && make install DESTDIR=/built \
 && install -D debian/copyright /built/usr/share/doc/ffmpeg/copyright \
 && rm -rf /built/usr/include /built/usr/lib /built/usr/share/ffmpeg && strip /built/usr/bin/ffmpeg

# The packages that Node and ffmpeg load, a shell for people, and nothing else: no package manager, no interpreter. Each leaves
# its record in status.d, where scanners look for it.
FROM ${DEBIAN_IMAGE} AS system
WORKDIR /packages
RUN apt-get update \
 && apt-get download base-files busybox-static gcc-12-base libc6 libdav1d6 libgcc-s1 libopus0 libstdc++6 libwebp7 libwebpmux3 \
      libx264-164 netbase zlib1g \
 && mkdir -p /system/var/lib/dpkg/status.d \
 && for package in *.deb; do \
      dpkg-deb -x "$package" /system && dpkg-deb -f "$package" > "/system/var/lib/dpkg/status.d/${package%%_*}" || exit 1; \
    done \
 && rm -rf /system/usr/share/man /system/usr/lib/*/gconv \
 && for name in sh ls cat ps id df du env tail; do ln -s busybox /system/bin/$name; done \
 && printf 'root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n' > /system/etc/passwd \
 && printf 'root:x:0:\nnode:x:1000:\n' > /system/etc/group \
 && printf 'hosts: files dns\n' > /system/etc/nsswitch.conf \
 && install -d -o 1000 -g 1000 /system/data /system/home/node && install -d -m 1777 /system/tmp
COPY --from=build /usr/local/bin/node /system/usr/local/bin/node
COPY --from=build /usr/local/LICENSE /system/usr/share/doc/node/LICENSE
COPY --from=ffmpeg /built/ /system/

FROM scratch
COPY --from=system /system/ /
WORKDIR /parley
COPY --from=build /parley/node_modules ./node_modules
COPY --from=build /parley/dist ./dist
COPY --from=build /parley/static ./static
COPY --from=build /parley/package.json /parley/LICENSE ./
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Parley" \
      org.opencontainers.image.description="A self-hosted WhatsApp REST server" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="GPL-3.0-or-later"
# What Node has compiled is kept for the next start of the container.
ENV PATH=/usr/local/bin:/usr/bin:/bin NODE_ENV=production DATA_DIR=/data PORT=8080 NODE_COMPILE_CACHE=/tmp/parley-compiled
# By number: Kubernetes refuses to check a name against runAsNonRoot.
USER 1000:1000
VOLUME /data
EXPOSE 8080
# Ready, not only alive: an orchestrator that looks here sends requests elsewhere while the sessions come back.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "const tls = process.env.TLS_CERTIFICATE; if (tls) process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; fetch(`http${tls ? 's' : ''}://127.0.0.1:${process.env.PORT}/health/ready`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# What stands behind the name of the image are flags.
ENTRYPOINT ["node", "--enable-source-maps", "dist/src/main.js"]
